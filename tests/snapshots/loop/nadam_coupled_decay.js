"use strict";
return function nadam(n, param, grad, m, v, out, weightDecay, beta1, oneMinusBeta1, beta2, oneMinusBeta2, rootStep, rootEpsilon, gradShare, meanShare) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const t14 = grad_i + (weightDecay * param_i);
    const t17 = (beta1 * m_i) + (oneMinusBeta1 * t14);
    const t21 = (beta2 * v_i) + ((oneMinusBeta2 * t14) * t14);
    const t23 = 3.4028234663852886e+38 < t21 ? 3.4028234663852886e+38 : t21;
    out[i] = param_i - (rootStep * (((meanShare * t17) + (gradShare * t14)) / ((Math.sqrt(t23)) + rootEpsilon)));
    m[i] = t17;
    v[i] = t23;
  }
};
