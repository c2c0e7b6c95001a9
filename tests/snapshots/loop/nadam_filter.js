"use strict";
return function nadam(n, param, grad, m, s, v, out, beta1, oneMinusBeta1, beta2, oneMinusBeta2, meanCorrection, varianceCorrection, epsilon, rootStep, rootEpsilon, gradShare, meanShare) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const v_i = v[i];
    const t18 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t19 = grad_i - t18;
    const t23 = (beta2 * s_i) + ((oneMinusBeta2 * t19) * t19);
    const t25 = 3.4028234663852886e+38 < t23 ? 3.4028234663852886e+38 : t23;
    const t26 = t18 * meanCorrection;
    const t27 = grad_i - t26;
    const t28 = t25 * varianceCorrection;
    const t39 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t40 = 3.4028234663852886e+38 < t39 ? 3.4028234663852886e+38 : t39;
    out[i] = param_i - (rootStep * (((meanShare * (t26 + ((Math.sqrt((t28 / ((t28 + (t27 * t27)) + epsilon)))) * t27))) + (gradShare * grad_i)) / ((Math.sqrt(t40)) + rootEpsilon)));
    m[i] = t18;
    s[i] = t25;
    v[i] = t40;
  }
};
