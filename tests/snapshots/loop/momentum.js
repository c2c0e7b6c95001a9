"use strict";
return function momentum(n, param, grad, velocity, out, learningRate, momentum) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const velocity_i = velocity[i];
    const t6 = (momentum * velocity_i) + grad_i;
    out[i] = param_i - (learningRate * t6);
    velocity[i] = t6;
  }
};
