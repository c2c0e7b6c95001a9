"use strict";
return function adamw(n, param, grad, m, v, out, learningRate, shrink, beta1, oneMinusBeta1, beta2, oneMinusBeta2, epsilon, meanCorrection, rootCorrection) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const t16 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t20 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t22 = 3.4028234663852886e+38 < t20 ? 3.4028234663852886e+38 : t20;
    const t26 = ((Math.sqrt(t22)) * rootCorrection) + epsilon;
    out[i] = (param_i * shrink) - (learningRate * ((t26 === 0) ? 0 : ((t16 * meanCorrection) / t26)));
    m[i] = t16;
    v[i] = t22;
  }
};
