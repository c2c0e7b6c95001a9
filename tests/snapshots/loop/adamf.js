"use strict";
return function adamf(n, param, grad, m, s, v, out, learningRate, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, rootCorrection) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const v_i = v[i];
    const t16 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t17 = grad_i - t16;
    const t21 = (beta2 * s_i) + ((oneMinusBeta2 * t17) * t17);
    const t23 = 3.4028234663852886e+38 < t21 ? 3.4028234663852886e+38 : t21;
    const t24 = t16 * meanCorrection;
    const t25 = grad_i - t24;
    const t26 = t23 * varianceCorrection;
    const t29 = (t26 + (t25 * t25)) + epsilon;
    const t40 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t41 = 3.4028234663852886e+38 < t40 ? 3.4028234663852886e+38 : t40;
    const t44 = ((Math.sqrt(t41)) * rootCorrection) + epsilon;
    out[i] = param_i - (learningRate * ((t44 === 0) ? 0 : ((t24 + ((Math.sqrt(((t29 === 0) ? 0 : (t26 / t29)))) * t25)) / t44)));
    m[i] = t16;
    s[i] = t23;
    v[i] = t41;
  }
};
