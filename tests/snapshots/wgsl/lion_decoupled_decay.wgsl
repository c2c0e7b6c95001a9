alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
  learningRate: f32,
  shrink: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  gradShare: f32,
  meanShare: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;

@compute @workgroup_size(256)
fn lion(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let i = id.x + id.y * groups.x * 256u;
  if (i >= step.count) { return; }
  let j = step.base + i;
  let param_i = param[i];
  let grad_i = grad[i];
  let m_i = m[j];
  let learningRate_i = V(step.learningRate);
  let shrink_i = V(step.shrink);
  let beta1_i = V(step.beta1);
  let oneMinusBeta1_i = V(step.oneMinusBeta1);
  let gradShare_i = V(step.gradShare);
  let meanShare_i = V(step.meanShare);
  let t15 = (meanShare_i * m_i) + (gradShare_i * grad_i);
  param[i] = (param_i * shrink_i) - (learningRate_i * (select(select(t15, V(-1f), t15 < V(0f)), V(1f), V(0f) < t15)));
  m[j] = (beta1_i * m_i) + (oneMinusBeta1_i * grad_i);
}

