"use strict";
return function radam(n, param, grad, m, v, out, beta1, oneMinusBeta1, beta2, oneMinusBeta2, stepLength, rootShare, divisorOffset) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const t13 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t17 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t19 = 3.4028234663852886e+38 < t17 ? 3.4028234663852886e+38 : t17;
    out[i] = param_i - (stepLength * (t13 / ((rootShare * (Math.sqrt(t19))) + divisorOffset)));
    m[i] = t13;
    v[i] = t19;
  }
};
