"use strict";
return function adamw(n, param, grad, m, v, out, beta1, oneMinusBeta1, beta2, oneMinusBeta2, rootStep, rootEpsilon) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const t12 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t16 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t18 = 3.4028234663852886e+38 < t16 ? 3.4028234663852886e+38 : t16;
    out[i] = param_i - (rootStep * (t12 / ((Math.sqrt(t18)) + rootEpsilon)));
    m[i] = t12;
    v[i] = t18;
  }
};
