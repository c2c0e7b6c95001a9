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
  meanCorrection: f32,
  varianceCorrection: f32,
  epsilon: f32,
  rootStep: f32,
  rootEpsilon: f32,
  gradShare: f32,
  meanShare: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> s: array<V>;
@group(0) @binding(5) var<storage, read_write> v: array<V>;

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
  let s_i = s[j];
  let v_i = v[j];
  let beta1_i = V(step.beta1);
  let oneMinusBeta1_i = V(step.oneMinusBeta1);
  let beta2_i = V(step.beta2);
  let oneMinusBeta2_i = V(step.oneMinusBeta2);
  let meanCorrection_i = V(step.meanCorrection);
  let varianceCorrection_i = V(step.varianceCorrection);
  let epsilon_i = V(step.epsilon);
  let rootStep_i = V(step.rootStep);
  let rootEpsilon_i = V(step.rootEpsilon);
  let gradShare_i = V(step.gradShare);
  let meanShare_i = V(step.meanShare);
  let t18 = (beta1_i * m_i) + (oneMinusBeta1_i * grad_i);
  let t19 = grad_i - t18;
  let t23 = (beta2_i * s_i) + ((oneMinusBeta2_i * t19) * t19);
  let t25 = select(t23, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t23);
  let t26 = t18 * meanCorrection_i;
  let t27 = select(t26, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t26);
  let t29 = select(t27, V(-3.4028234663852886e+38f), t27 < V(-3.4028234663852886e+38f));
  let t30 = grad_i - t29;
  let t31 = select(t30, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t30);
  let t32 = select(t31, V(-3.4028234663852886e+38f), t31 < V(-3.4028234663852886e+38f));
  let t38 = select(V(1f), V(1.3552527156068805e-20f), (V(1.2676506002282294e+30f) < (t32 * t32)));
  let t41 = ((t25 * t38) * t38) * varianceCorrection_i;
  let t42 = select(t41, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t41);
  let t43 = t32 * t38;
  let t56 = (beta2_i * v_i) + ((oneMinusBeta2_i * grad_i) * grad_i);
  let t57 = select(t56, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t56);
  let t60 = (meanShare_i * (t29 + ((sqrt((t42 / ((t42 + (t43 * t43)) + ((epsilon_i * t38) * t38))))) * t32))) + (gradShare_i * grad_i);
  let t61 = select(t60, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t60);
  param[i] = param_i - (rootStep_i * ((select(t61, V(-3.4028234663852886e+38f), t61 < V(-3.4028234663852886e+38f))) / ((sqrt(t57)) + rootEpsilon_i)));
  m[j] = t18;
  s[j] = t25;
  v[j] = t57;
}

