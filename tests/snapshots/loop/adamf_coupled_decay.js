"use strict";
return function adamf(n, param, grad, m, s, v, out, learningRate, weightDecay, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, rootCorrection) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const v_i = v[i];
    const t16 = grad_i + (weightDecay * param_i);
    const t19 = (beta1 * m_i) + (oneMinusBeta1 * t16);
    const t20 = t16 - t19;
    const t24 = (beta2 * s_i) + ((oneMinusBeta2 * t20) * t20);
    const t26 = 3.4028234663852886e+38 < t24 ? 3.4028234663852886e+38 : t24;
    const t27 = t19 * meanCorrection;
    const t28 = t16 - t27;
    const t29 = t26 * varianceCorrection;
    const t32 = (t29 + (t28 * t28)) + epsilon;
    const t43 = (beta2 * v_i) + ((oneMinusBeta2 * t16) * t16);
    const t44 = 3.4028234663852886e+38 < t43 ? 3.4028234663852886e+38 : t43;
    const t47 = ((Math.sqrt(t44)) * rootCorrection) + epsilon;
    out[i] = param_i - (learningRate * ((t47 === 0) ? 0 : ((t27 + ((Math.sqrt(((t32 === 0) ? 0 : (t29 / t32)))) * t28)) / t47)));
    m[i] = t19;
    s[i] = t26;
    v[i] = t44;
  }
};
