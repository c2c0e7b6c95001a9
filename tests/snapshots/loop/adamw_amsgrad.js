"use strict";
return function adamw(n, param, grad, m, v, vmax, out, shrink, beta1, oneMinusBeta1, beta2, oneMinusBeta2, rootStep, rootEpsilon) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const v_i = v[i];
    const vmax_i = vmax[i];
    const t15 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t19 = (beta2 * v_i) + ((oneMinusBeta2 * grad_i) * grad_i);
    const t21 = 3.4028234663852886e+38 < t19 ? 3.4028234663852886e+38 : t19;
    const t22 = t21 < vmax_i ? vmax_i : t21;
    out[i] = (param_i * shrink) - (rootStep * (t15 / ((Math.sqrt(t22)) + rootEpsilon)));
    m[i] = t15;
    v[i] = t21;
    vmax[i] = t22;
  }
};
