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
  meanCorrection: f32,
  varianceCorrection: f32,
  epsilon: f32,
  rootStep: f32,
  rootEpsilon: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> s: array<V>;
@group(0) @binding(5) var<storage, read_write> v: array<V>;

@compute @workgroup_size(256)
fn adamf(
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
  let v_i = v[j];
  let weightDecay_i = V(step.weightDecay);
  let beta1_i = V(step.beta1);
  let oneMinusBeta1_i = V(step.oneMinusBeta1);
  let beta2_i = V(step.beta2);
  let oneMinusBeta2_i = V(step.oneMinusBeta2);
  let meanCorrection_i = V(step.meanCorrection);
  let varianceCorrection_i = V(step.varianceCorrection);
  let epsilon_i = V(step.epsilon);
  let rootStep_i = V(step.rootStep);
  let rootEpsilon_i = V(step.rootEpsilon);
  let t16 = grad_i + (weightDecay_i * param_i);
  let t19 = (beta1_i * m_i) + (oneMinusBeta1_i * t16);
  let t20 = t16 - t19;
  let t24 = (beta2_i * s_i) + ((oneMinusBeta2_i * t20) * t20);
  let t26 = select(t24, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t24);
  let t27 = t19 * meanCorrection_i;
  let t28 = select(t27, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t27);
  let t30 = select(t28, V(-3.4028234663852886e+38f), t28 < V(-3.4028234663852886e+38f));
  let t31 = t16 - t30;
  let t32 = select(t31, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t31);
  let t33 = select(t32, V(-3.4028234663852886e+38f), t32 < V(-3.4028234663852886e+38f));
  let t39 = select(V(1f), V(1.3552527156068805e-20f), (V(1.2676506002282294e+30f) < (t33 * t33)));
  let t42 = ((t26 * t39) * t39) * varianceCorrection_i;
  let t43 = select(t42, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t42);
  let t44 = t33 * t39;
  let t57 = (beta2_i * v_i) + ((oneMinusBeta2_i * t16) * t16);
  let t58 = select(t57, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t57);
  param[i] = param_i - (rootStep_i * ((t30 + ((sqrt((t43 / ((t43 + (t44 * t44)) + ((epsilon_i * t39) * t39))))) * t33)) / ((sqrt(t58)) + rootEpsilon_i)));
  m[j] = t19;
  s[j] = t26;
  v[j] = t58;
}

