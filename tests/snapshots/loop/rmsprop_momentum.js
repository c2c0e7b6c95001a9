"use strict";
return function rmsprop(n, param, grad, v, velocity, out, learningRate, alpha, oneMinusAlpha, epsilon, momentum) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const v_i = v[i];
    const velocity_i = velocity[i];
    const t12 = (alpha * v_i) + ((oneMinusAlpha * grad_i) * grad_i);
    const t14 = 3.4028234663852886e+38 < t12 ? 3.4028234663852886e+38 : t12;
    const t19 = (momentum * velocity_i) + (grad_i / ((Math.sqrt(t14)) + epsilon));
    out[i] = param_i - (learningRate * t19);
    v[i] = t14;
    velocity[i] = t19;
  }
};
