"use strict";
return function sgdf(n, param, grad, m, s, out, learningRate, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, gamma) {
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
    out[i] = param_i - (learningRate * (t23 + ((Math.pow((t25 / ((t25 + (t24 * t24)) + epsilon)), gamma)) * t24)));
    m[i] = t15;
    s[i] = t22;
  }
};
