alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
  learningRate: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  meanCorrection: f32,
  varianceCorrection: f32,
  epsilon: f32,
  gradShare: f32,
  meanShare: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> s: array<V>;

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
  let s_i = s[j];
  let learningRate_i = V(step.learningRate);
  let beta1_i = V(step.beta1);
  let oneMinusBeta1_i = V(step.oneMinusBeta1);
  let beta2_i = V(step.beta2);
  let oneMinusBeta2_i = V(step.oneMinusBeta2);
  let meanCorrection_i = V(step.meanCorrection);
  let varianceCorrection_i = V(step.varianceCorrection);
  let epsilon_i = V(step.epsilon);
  let gradShare_i = V(step.gradShare);
  let meanShare_i = V(step.meanShare);
  let t16 = (beta1_i * m_i) + (oneMinusBeta1_i * grad_i);
  let t17 = grad_i - t16;
  let t21 = (beta2_i * s_i) + ((oneMinusBeta2_i * t17) * t17);
  let t23 = select(t21, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t21);
  let t24 = t16 * meanCorrection_i;
  let t25 = select(t24, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t24);
  let t27 = select(t25, V(-3.4028234663852886e+38f), t25 < V(-3.4028234663852886e+38f));
  let t28 = grad_i - t27;
  let t29 = select(t28, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t28);
  let t30 = select(t29, V(-3.4028234663852886e+38f), t29 < V(-3.4028234663852886e+38f));
  let t36 = select(V(1f), V(1.3552527156068805e-20f), (V(1.2676506002282294e+30f) < (t30 * t30)));
  let t39 = ((t23 * t36) * t36) * varianceCorrection_i;
  let t40 = select(t39, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t39);
  let t41 = t30 * t36;
  let t53 = (meanShare_i * (t27 + ((sqrt((t40 / ((t40 + (t41 * t41)) + ((epsilon_i * t36) * t36))))) * t30))) + (gradShare_i * grad_i);
  param[i] = param_i - (learningRate_i * (select(select(t53, V(-1f), t53 < V(0f)), V(1f), V(0f) < t53)));
  m[j] = t16;
  s[j] = t23;
}

