"use strict";
return function rmsprop(n, param, grad, v, out, learningRate, alpha, oneMinusAlpha, epsilon) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const v_i = v[i];
    const t10 = (alpha * v_i) + ((oneMinusAlpha * grad_i) * grad_i);
    const t12 = 3.4028234663852886e+38 < t10 ? 3.4028234663852886e+38 : t10;
    out[i] = param_i - (learningRate * (grad_i / ((Math.sqrt(t12)) + epsilon)));
    v[i] = t12;
  }
};
