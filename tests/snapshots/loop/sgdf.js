"use strict";
return function sgdf(n, param, grad, m, s, out, learningRate, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const t14 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t15 = grad_i - t14;
    const t19 = (beta2 * s_i) + ((oneMinusBeta2 * t15) * t15);
    const t21 = 3.4028234663852886e+38 < t19 ? 3.4028234663852886e+38 : t19;
    const t22 = t14 * meanCorrection;
    const t23 = grad_i - t22;
    const t24 = t21 * varianceCorrection;
    out[i] = param_i - (learningRate * (t22 + ((Math.sqrt((t24 / ((t24 + (t23 * t23)) + epsilon)))) * t23)));
    m[i] = t14;
    s[i] = t21;
  }
};
