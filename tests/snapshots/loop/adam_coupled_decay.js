"use strict";
return function adamw(n, param, grad, m, v, out, weightDecay, beta1, oneMinusBeta1, beta2, oneMinusBeta2, rootStep, rootEpsilon) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const t12 = grad_i + (weightDecay * param_i);
    const t15 = (beta1 * m_i) + (oneMinusBeta1 * t12);
    const t19 = (beta2 * v_i) + ((oneMinusBeta2 * t12) * t12);
    const t21 = 3.4028234663852886e+38 < t19 ? 3.4028234663852886e+38 : t19;
    out[i] = param_i - (rootStep * (t15 / ((Math.sqrt(t21)) + rootEpsilon)));
    m[i] = t15;
    v[i] = t21;
  }
};
