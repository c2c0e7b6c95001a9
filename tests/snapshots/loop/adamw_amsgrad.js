"use strict";
return function adamw(n, param, grad, m, v, vmax, out, learningRate, shrink, beta1, oneMinusBeta1, beta2, oneMinusBeta2, epsilon, meanCorrection, rootCorrection) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const vmax_i = vmax[i];
    const t17 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t21 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t23 = 3.4028234663852886e+38 < t21 ? 3.4028234663852886e+38 : t21;
    const t24 = t23 < vmax_i ? vmax_i : t23;
    const t28 = ((Math.sqrt(t24)) * rootCorrection) + epsilon;
    out[i] = (param_i * shrink) - (learningRate * ((t28 === 0) ? 0 : ((t17 * meanCorrection) / t28)));
    m[i] = t17;
    v[i] = t23;
    vmax[i] = t24;
  }
};
