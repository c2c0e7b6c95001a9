"use strict";
return function adamw(n, param, grad, m, v, out, learningRate, weightDecay, beta1, oneMinusBeta1, beta2, oneMinusBeta2, epsilon, meanCorrection, rootCorrection) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const t14 = grad_i + (weightDecay * param_i);
    const t17 = (beta1 * m_i) + (oneMinusBeta1 * t14);
    const t21 = (beta2 * v_i) + ((oneMinusBeta2 * t14) * t14);
    const t23 = 3.4028234663852886e+38 < t21 ? 3.4028234663852886e+38 : t21;
    const t27 = ((Math.sqrt(t23)) * rootCorrection) + epsilon;
    out[i] = param_i - (learningRate * ((t27 === 0) ? 0 : ((t17 * meanCorrection) / t27)));
    m[i] = t17;
    v[i] = t23;
  }
};
