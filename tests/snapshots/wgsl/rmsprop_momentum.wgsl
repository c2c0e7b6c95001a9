alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
  learningRate: f32,
  alpha: f32,
  oneMinusAlpha: f32,
  epsilon: f32,
  momentum: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> v: array<V>;
@group(0) @binding(4) var<storage, read_write> velocity: array<V>;

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
  let v_i = v[j];
  let velocity_i = velocity[j];
  let learningRate_i = V(step.learningRate);
  let alpha_i = V(step.alpha);
  let oneMinusAlpha_i = V(step.oneMinusAlpha);
  let epsilon_i = V(step.epsilon);
  let momentum_i = V(step.momentum);
  let t12 = (alpha_i * v_i) + ((oneMinusAlpha_i * grad_i) * grad_i);
  let t14 = select(t12, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t12);
  let t19 = (momentum_i * velocity_i) + (grad_i / ((sqrt(t14)) + epsilon_i));
  param[i] = param_i - (learningRate_i * t19);
  v[j] = t14;
  velocity[j] = t19;
}

