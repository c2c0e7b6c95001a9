"use strict";
return function adamf(n, param, grad, m, s, v, out, weightDecay, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, rootStep, rootEpsilon) {
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
    const t40 = (beta2 * v_i) + ((oneMinusBeta2 * t16) * t16);
    const t41 = 3.4028234663852886e+38 < t40 ? 3.4028234663852886e+38 : t40;
    out[i] = param_i - (rootStep * ((t27 + ((Math.sqrt((t29 / ((t29 + (t28 * t28)) + epsilon)))) * t28)) / ((Math.sqrt(t41)) + rootEpsilon)));
    m[i] = t19;
    s[i] = t26;
    v[i] = t41;
  }
};
