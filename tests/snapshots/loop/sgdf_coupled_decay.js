"use strict";
return function sgdf(n, param, grad, m, s, out, learningRate, weightDecay, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const t14 = grad_i + (weightDecay * param_i);
    const t17 = (beta1 * m_i) + (oneMinusBeta1 * t14);
    const t18 = t14 - t17;
    const t22 = (beta2 * s_i) + ((oneMinusBeta2 * t18) * t18);
    const t24 = 3.4028234663852886e+38 < t22 ? 3.4028234663852886e+38 : t22;
    const t25 = t17 * meanCorrection;
    const t26 = t14 - t25;
    const t27 = t24 * varianceCorrection;
    out[i] = param_i - (learningRate * (t25 + ((Math.sqrt((t27 / ((t27 + (t26 * t26)) + epsilon)))) * t26)));
    m[i] = t17;
    s[i] = t24;
  }
};
