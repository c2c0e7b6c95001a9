"use strict";
return function lion(n, param, grad, m, s, out, learningRate, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, gradShare, meanShare) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const t16 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t17 = grad_i - t16;
    const t21 = (beta2 * s_i) + ((oneMinusBeta2 * t17) * t17);
    const t23 = 3.4028234663852886e+38 < t21 ? 3.4028234663852886e+38 : t21;
    const t24 = t16 * meanCorrection;
    const t25 = grad_i - t24;
    const t26 = t23 * varianceCorrection;
    out[i] = param_i - (learningRate * (Math.sign(((meanShare * (t24 + ((Math.sqrt((t26 / ((t26 + (t25 * t25)) + epsilon)))) * t25))) + (gradShare * grad_i)))));
    m[i] = t16;
    s[i] = t23;
  }
};
