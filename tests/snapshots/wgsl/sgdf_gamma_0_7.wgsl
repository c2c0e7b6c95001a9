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
  gamma: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> s: array<V>;

@compute @workgroup_size(256)
fn sgdf(
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
  let gamma_i = V(step.gamma);
  let t15 = (beta1_i * m_i) + (oneMinusBeta1_i * grad_i);
  let t16 = grad_i - t15;
  let t20 = (beta2_i * s_i) + ((oneMinusBeta2_i * t16) * t16);
  let t22 = select(t20, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t20);
  let t23 = t15 * meanCorrection_i;
  let t24 = select(t23, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t23);
  let t26 = select(t24, V(-3.4028234663852886e+38f), t24 < V(-3.4028234663852886e+38f));
  let t27 = grad_i - t26;
  let t28 = select(t27, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t27);
  let t29 = select(t28, V(-3.4028234663852886e+38f), t28 < V(-3.4028234663852886e+38f));
  let t35 = select(V(1f), V(1.3552527156068805e-20f), (V(1.2676506002282294e+30f) < (t29 * t29)));
  let t38 = ((t22 * t35) * t35) * varianceCorrection_i;
  let t39 = select(t38, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t38);
  let t40 = t29 * t35;
  let t46 = t39 / ((t39 + (t40 * t40)) + ((epsilon_i * t35) * t35));
  param[i] = param_i - (learningRate_i * (t26 + ((select(pow(t46, gamma_i), V(0f), t46 == V(0f))) * t29)));
  m[j] = t15;
  s[j] = t22;
}

