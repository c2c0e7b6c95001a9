"use strict";
return function rmsprop(n, param, grad, m, s, velocity, out, learningRate, weightDecay, alpha, oneMinusAlpha, spread, epsilon, momentum) {
  for (let i = 0; i < n; i++) {
    const param_i = param[i];
    const grad_i = grad[i];
    const m_i = m[i];
    const s_i = s[i];
    const velocity_i = velocity[i];
    const t13 = grad_i + (weightDecay * param_i);
    const t14 = t13 - m_i;
    const t18 = (alpha * s_i) + ((spread * t14) * t14);
    const t20 = 3.4028234663852886e+38 < t18 ? 3.4028234663852886e+38 : t18;
    const t28 = (momentum * velocity_i) + (t13 / ((Math.sqrt(t20)) + epsilon));
    out[i] = param_i - (learningRate * t28);
    m[i] = (alpha * m_i) + (oneMinusAlpha * t13);
    s[i] = t20;
    velocity[i] = t28;
  }
};
