"use strict";
return function momentum(n, param, grad, velocity, out, learningRate, weightDecay, momentum) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const velocity_i = velocity[i];
    const t9 = (momentum * velocity_i) + (grad_i + (weightDecay * param_i));
    out[i] = param_i - (learningRate * t9);
    velocity[i] = t9;
  }
};
