alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
  weightDecay: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  rootStep: f32,
  rootEpsilon: f32,
  gradShare: f32,
  meanShare: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> v: array<V>;

@compute @workgroup_size(256)
fn nadam(
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
  let weightDecay_i = V(step.weightDecay);
  let beta1_i = V(step.beta1);
  let oneMinusBeta1_i = V(step.oneMinusBeta1);
  let beta2_i = V(step.beta2);
  let oneMinusBeta2_i = V(step.oneMinusBeta2);
  let rootStep_i = V(step.rootStep);
  let rootEpsilon_i = V(step.rootEpsilon);
  let gradShare_i = V(step.gradShare);
  let meanShare_i = V(step.meanShare);
  let t14 = grad_i + (weightDecay_i * param_i);
  let t17 = (beta1_i * m_i) + (oneMinusBeta1_i * t14);
  let t21 = (beta2_i * v_i) + ((oneMinusBeta2_i * t14) * t14);
  let t23 = select(t21, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t21);
  let t26 = (meanShare_i * t17) + (gradShare_i * t14);
  let t27 = select(t26, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t26);
  param[i] = param_i - (rootStep_i * ((select(t27, V(-3.4028234663852886e+38f), t27 < V(-3.4028234663852886e+38f))) / ((sqrt(t23)) + rootEpsilon_i)));
  m[j] = t17;
  v[j] = t23;
}

