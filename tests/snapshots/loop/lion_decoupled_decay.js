"use strict";
return function lion(n, param, grad, m, out, learningRate, shrink, beta1, oneMinusBeta1, gradShare, meanShare) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    out[i] = (param_i * shrink) - (learningRate * (Math.sign(((meanShare * m_i) + (gradShare * grad_i)))));
    m[i] = (beta1 * m_i) + (oneMinusBeta1 * grad_i);
  }
};
