"use strict";
return function momentum(n, param, grad, velocity, out, learningRate, shrink, momentum) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const velocity_i = velocity[i];
    const t8 = (momentum * velocity_i) + grad_i;
    out[i] = (param_i * shrink) - (learningRate * (grad_i + (momentum * t8)));
    velocity[i] = t8;
  }
};
