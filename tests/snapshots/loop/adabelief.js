"use strict";
return function adabelief(n, param, grad, m, s, out, beta1, oneMinusBeta1, beta2, oneMinusBeta2, rootStep, rootEpsilon, epsilonSum) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const t13 = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
    const t14 = grad_i - t13;
    const t18 = (beta2 * s_i) + ((oneMinusBeta2 * t14) * t14);
    const t20 = 3.4028234663852886e+38 < t18 ? 3.4028234663852886e+38 : t18;
    out[i] = param_i - (rootStep * (t13 / ((Math.sqrt((t20 + epsilonSum))) + rootEpsilon)));
    m[i] = t13;
    s[i] = t20;
  }
};
