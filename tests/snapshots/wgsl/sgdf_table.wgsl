alias V = vec4<f32>;
struct Step {
  count: u32,
  base: u32,
  variables: u32,
  unused: u32,
}
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> param: array<V>;
@group(0) @binding(2) var<storage, read> grad: array<V>;
@group(0) @binding(3) var<storage, read_write> m: array<V>;
@group(0) @binding(4) var<storage, read_write> s: array<V>;
@group(0) @binding(5) var<storage, read> table: array<u32>;

@compute @workgroup_size(256)
fn sgdf(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let i = id.x + id.y * groups.x * 256u;
  if (i >= step.count) { return; }
  var low = 0u;
  var high = step.variables;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (table[2u * middle] <= i) { low = middle; } else { high = middle; }
  }
  let j = i + table[2u * low + 1u];
  let k = 2u * step.variables + 8u * low;
  let param_i = param[i];
  let grad_i = grad[i];
  let m_i = m[j];
  let s_i = s[j];
  let learningRate_i = V(bitcast<f32>(table[k + 0u]));
  let beta1_i = V(bitcast<f32>(table[k + 1u]));
  let oneMinusBeta1_i = V(bitcast<f32>(table[k + 2u]));
  let beta2_i = V(bitcast<f32>(table[k + 3u]));
  let oneMinusBeta2_i = V(bitcast<f32>(table[k + 4u]));
  let meanCorrection_i = V(bitcast<f32>(table[k + 5u]));
  let varianceCorrection_i = V(bitcast<f32>(table[k + 6u]));
  let epsilon_i = V(bitcast<f32>(table[k + 7u]));
  let t14 = (beta1_i * m_i) + (oneMinusBeta1_i * grad_i);
  let t15 = grad_i - t14;
  let t19 = (beta2_i * s_i) + ((oneMinusBeta2_i * t15) * t15);
  let t21 = select(t19, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t19);
  let t22 = t14 * meanCorrection_i;
  let t23 = select(t22, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t22);
  let t25 = select(t23, V(-3.4028234663852886e+38f), t23 < V(-3.4028234663852886e+38f));
  let t26 = grad_i - t25;
  let t27 = select(t26, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t26);
  let t28 = select(t27, V(-3.4028234663852886e+38f), t27 < V(-3.4028234663852886e+38f));
  let t34 = select(V(1f), V(1.3552527156068805e-20f), (V(1.2676506002282294e+30f) < (t28 * t28)));
  let t37 = ((t21 * t34) * t34) * varianceCorrection_i;
  let t38 = select(t37, V(3.4028234663852886e+38f), V(3.4028234663852886e+38f) < t37);
  let t39 = t28 * t34;
  param[i] = param_i - (learningRate_i * (t25 + ((sqrt((t38 / ((t38 + (t39 * t39)) + ((epsilon_i * t34) * t34))))) * t28)));
  m[j] = t14;
  s[j] = t21;
}

