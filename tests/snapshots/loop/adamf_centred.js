"use strict";
return function adamf(n, param, grad, m, s, out, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, rootStep, rootEpsilon) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const t15 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t16 = grad_i - t15;
    const t20 = (beta2 * s_i) + ((oneMinusBeta2 * t16) * t16);
    const t22 = 3.4028234663852886e+38 < t20 ? 3.4028234663852886e+38 : t20;
    const t23 = t15 * meanCorrection;
    const t24 = grad_i - t23;
    const t25 = t22 * varianceCorrection;
    out[i] = param_i - (rootStep * ((t23 + ((Math.sqrt((t25 / ((t25 + (t24 * t24)) + epsilon)))) * t24)) / ((Math.sqrt(t22)) + rootEpsilon)));
    m[i] = t15;
    s[i] = t22;
  }
};
