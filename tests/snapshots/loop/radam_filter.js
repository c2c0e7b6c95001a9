"use strict";
return function radam(n, param, grad, m, s, v, out, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, stepLength, rootShare, divisorOffset) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const v_i = v[i];
    const t17 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t18 = grad_i - t17;
    const t22 = (beta2 * s_i) + ((oneMinusBeta2 * t18) * t18);
    const t24 = 3.4028234663852886e+38 < t22 ? 3.4028234663852886e+38 : t22;
    const t25 = t17 * meanCorrection;
    const t26 = grad_i - t25;
    const t27 = t24 * varianceCorrection;
    const t38 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t39 = 3.4028234663852886e+38 < t38 ? 3.4028234663852886e+38 : t38;
    out[i] = param_i - (stepLength * ((t25 + ((Math.sqrt((t27 / ((t27 + (t26 * t26)) + epsilon)))) * t26)) / ((rootShare * (Math.sqrt(t39))) + divisorOffset)));
    m[i] = t17;
    s[i] = t24;
    v[i] = t39;
  }
};
