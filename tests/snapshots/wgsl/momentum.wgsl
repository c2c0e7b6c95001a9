alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
  learningRate: f32,
  momentum: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> velocity: array<V>;

@compute @workgroup_size(256)
fn momentum(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let i = id.x + id.y * groups.x * 256u;
  if (i >= step.count) { return; }
  let j = step.base + i;
  let param_i = param[i];
  let grad_i = grad[i];
  let velocity_i = velocity[j];
  let learningRate_i = V(step.learningRate);
  let momentum_i = V(step.momentum);
  let t6 = (momentum_i * velocity_i) + grad_i;
  param[i] = param_i - (learningRate_i * t6);
  velocity[j] = t6;
}

