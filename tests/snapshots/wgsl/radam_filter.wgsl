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
  stepLength: f32,
  rootShare: f32,
  divisorOffset: f32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> s: array<V>;
@group(0) @binding(5) var<storage, read_write> v: array<V>;

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
  let s_i = s[j];
  let v_i = v[j];
  let beta1_i = V(step.beta1);
  let oneMinusBeta1_i = V(step.oneMinusBeta1);
  let beta2_i = V(step.beta2);
  let oneMinusBeta2_i = V(step.oneMinusBeta2);
  let meanCorrection_i = V(step.meanCorrection);
  let varianceCorrection_i = V(step.varianceCorrection);
  let epsilon_i = V(step.epsilon);
  let stepLength_i = V(step.stepLength);
  let rootShare_i = V(step.rootShare);
  let divisorOffset_i = V(step.divisorOffset);
  let t17 = (beta1_i * m_i) + (oneMinusBeta1_i * grad_i);
  let t18 = grad_i - t17;
  let t22 = (beta2_i * s_i) + ((oneMinusBeta2_i * t18) * t18);
  let t24 = select(t22, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t22);
  let t25 = t17 * meanCorrection_i;
  let t26 = select(t25, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t25);
  let t28 = select(t26, V(-3.4028234663852886e+38f), t26 < V(-3.4028234663852886e+38f));
  let t29 = grad_i - t28;
  let t30 = select(t29, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t29);
  let t31 = select(t30, V(-3.4028234663852886e+38f), t30 < V(-3.4028234663852886e+38f));
  let t37 = select(V(1f), V(1.3552527156068805e-20f), (V(1.2676506002282294e+30f) < (t31 * t31)));
  let t40 = ((t24 * t37) * t37) * varianceCorrection_i;
  let t41 = select(t40, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t40);
  let t42 = t31 * t37;
  let t55 = (beta2_i * v_i) + ((oneMinusBeta2_i * grad_i) * grad_i);
  let t56 = select(t55, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t55);
  param[i] = param_i - (stepLength_i * ((t28 + ((sqrt((t41 / ((t41 + (t42 * t42)) + ((epsilon_i * t37) * t37))))) * t31)) / ((rootShare_i * (sqrt(t56))) + divisorOffset_i)));
  m[j] = t17;
  s[j] = t24;
  v[j] = t56;
}

