alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  stepLength: f32,
  rootShare: f32,
  divisorOffset: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> v: array<V>;

@compute @workgroup_size(256)
fn radam(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let i = id.x + id.y * groups.x * 256u;
  if (i >= step.count) { return; }
  let j = step.base + i;
  let param_i = param[i];
  let grad_i = grad[i];
  let m_i = m[j];
  let v_i = v[j];
  let beta1_i = V(step.beta1);
  let oneMinusBeta1_i = V(step.oneMinusBeta1);
  let beta2_i = V(step.beta2);
  let oneMinusBeta2_i = V(step.oneMinusBeta2);
  let stepLength_i = V(step.stepLength);
  let rootShare_i = V(step.rootShare);
  let divisorOffset_i = V(step.divisorOffset);
  let t13 = (beta1_i * m_i) + (oneMinusBeta1_i * grad_i);
  let t17 = (beta2_i * v_i) + ((oneMinusBeta2_i * grad_i) * grad_i);
  let t19 = select(t17, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t17);
  param[i] = param_i - (stepLength_i * (t13 / ((rootShare_i * (sqrt(t19))) + divisorOffset_i)));
  m[j] = t13;
  v[j] = t19;
}

