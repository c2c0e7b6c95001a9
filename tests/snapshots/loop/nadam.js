"use strict";
return function nadam(n, param, grad, m, v, out, beta1, oneMinusBeta1, beta2, oneMinusBeta2, rootStep, rootEpsilon, gradShare, meanShare) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const t14 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t18 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t20 = 3.4028234663852886e+38 < t18 ? 3.4028234663852886e+38 : t18;
    out[i] = param_i - (rootStep * (((meanShare * t14) + (gradShare * grad_i)) / ((Math.sqrt(t20)) + rootEpsilon)));
    m[i] = t14;
    v[i] = t20;
  }
};
