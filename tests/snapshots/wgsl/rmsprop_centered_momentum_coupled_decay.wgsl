alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
  learningRate: f32,
  weightDecay: f32,
  alpha: f32,
  oneMinusAlpha: f32,
  spread: f32,
  epsilon: f32,
  momentum: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> s: array<V>;
@group(0) @binding(5) var<storage, read_write> velocity: array<V>;

@compute @workgroup_size(256)
fn rmsprop(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let i = id.x + id.y * groups.x * 256u;
  if (i >= step.count) { return; }
  let j = step.base + i;
  let param_i = param[i];
  let grad_i = grad[i];
  let m_i = m[j];
  let s_i = s[j];
  let velocity_i = velocity[j];
  let learningRate_i = V(step.learningRate);
  let weightDecay_i = V(step.weightDecay);
  let alpha_i = V(step.alpha);
  let oneMinusAlpha_i = V(step.oneMinusAlpha);
  let spread_i = V(step.spread);
  let epsilon_i = V(step.epsilon);
  let momentum_i = V(step.momentum);
  let t13 = grad_i + (weightDecay_i * param_i);
  let t14 = t13 - m_i;
  let t16 = select(t14, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t14);
  let t18 = select(t16, V(-3.4028234663852886e+38f), t16 < V(-3.4028234663852886e+38f));
  let t22 = (alpha_i * s_i) + ((spread_i * t18) * t18);
  let t23 = select(t22, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t22);
  let t31 = (momentum_i * velocity_i) + (t13 / ((sqrt(t23)) + epsilon_i));
  param[i] = param_i - (learningRate_i * t31);
  m[j] = (alpha_i * m_i) + (oneMinusAlpha_i * t13);
  s[j] = t23;
  velocity[j] = t31;
}

