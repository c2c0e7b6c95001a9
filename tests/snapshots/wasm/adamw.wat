(module
  (import "env" "memory" (memory 0))
  (func $adamw (export "adamw")
    (param $n i32)
    (param $param i32)
    (param $grad i32)
    (param $m i32)
    (param $v i32)
    (param $out i32)
    (param $learningRate f32)
    (param $shrink f32)
    (param $beta1 f32)
    (param $oneMinusBeta1 f32)
    (param $beta2 f32)
    (param $oneMinusBeta2 f32)
    (param $epsilon f32)
    (param $meanCorrection f32)
    (param $rootCorrection f32)
    (local $f32.0 v128)
    (local $learningRate_v v128)
    (local $shrink_v v128)
    (local $beta1_v v128)
    (local $oneMinusBeta1_v v128)
    (local $beta2_v v128)
    (local $oneMinusBeta2_v v128)
    (local $epsilon_v v128)
    (local $meanCorrection_v v128)
    (local $rootCorrection_v v128)
    (local $f32.3.4028234663852886e+38 v128)
    (local $grad_v v128)
    (local $next_m v128)
    (local $next_v v128)
    (local $t28 v128)
    f32.const 0
    f32x4.splat
    local.set $f32.0
    local.get $learningRate
    f32x4.splat
    local.set $learningRate_v
    local.get $shrink
    f32x4.splat
    local.set $shrink_v
    local.get $beta1
    f32x4.splat
    local.set $beta1_v
    local.get $oneMinusBeta1
    f32x4.splat
    local.set $oneMinusBeta1_v
    local.get $beta2
    f32x4.splat
    local.set $beta2_v
    local.get $oneMinusBeta2
    f32x4.splat
    local.set $oneMinusBeta2_v
    local.get $epsilon
    f32x4.splat
    local.set $epsilon_v
    local.get $meanCorrection
    f32x4.splat
    local.set $meanCorrection_v
    local.get $rootCorrection
    f32x4.splat
    local.set $rootCorrection_v
    f32.const 3.4028234663852886e+38
    f32x4.splat
    local.set $f32.3.4028234663852886e+38
    block
      local.get $n
      i32.const 4
      i32.lt_u
      br_if 0
      loop
        local.get $m
        local.get $beta1_v
        local.get $m
        v128.load align=4
        f32x4.mul
        local.get $oneMinusBeta1_v
        local.get $grad
        v128.load align=4
        local.tee $grad_v
        f32x4.mul
        f32x4.add
        local.tee $next_m
        v128.store align=4
        local.get $v
        local.get $beta2_v
        local.get $v
        v128.load align=4
        f32x4.mul
        local.get $oneMinusBeta2_v
        local.get $grad_v
        f32x4.mul
        local.get $grad_v
        f32x4.mul
        f32x4.add
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $next_v
        v128.store align=4
        local.get $out
        local.get $param
        v128.load align=4
        local.get $shrink_v
        f32x4.mul
        local.get $learningRate_v
        local.get $next_m
        local.get $meanCorrection_v
        f32x4.mul
        local.get $next_v
        f32x4.sqrt
        local.get $rootCorrection_v
        f32x4.mul
        local.get $epsilon_v
        f32x4.add
        local.tee $t28
        f32x4.div
        local.get $t28
        local.get $f32.0
        f32x4.eq
        v128.andnot
        f32x4.mul
        f32x4.sub
        v128.store align=4
        local.get $param
        i32.const 16
        i32.add
        local.set $param
        local.get $grad
        i32.const 16
        i32.add
        local.set $grad
        local.get $m
        i32.const 16
        i32.add
        local.set $m
        local.get $v
        i32.const 16
        i32.add
        local.set $v
        local.get $out
        i32.const 16
        i32.add
        local.set $out
        local.get $n
        i32.const 4
        i32.sub
        local.tee $n
        i32.const 4
        i32.ge_u
        br_if 0
      end
    end
    block
      local.get $n
      i32.const 1
      i32.lt_u
      br_if 0
      loop
        local.get $m
        local.get $beta1_v
        local.get $m
        v128.load32_zero align=4
        f32x4.mul
        local.get $oneMinusBeta1_v
        local.get $grad
        v128.load32_zero align=4
        local.tee $grad_v
        f32x4.mul
        f32x4.add
        local.tee $next_m
        v128.store32_lane align=4 0
        local.get $v
        local.get $beta2_v
        local.get $v
        v128.load32_zero align=4
        f32x4.mul
        local.get $oneMinusBeta2_v
        local.get $grad_v
        f32x4.mul
        local.get $grad_v
        f32x4.mul
        f32x4.add
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $next_v
        v128.store32_lane align=4 0
        local.get $out
        local.get $param
        v128.load32_zero align=4
        local.get $shrink_v
        f32x4.mul
        local.get $learningRate_v
        local.get $next_m
        local.get $meanCorrection_v
        f32x4.mul
        local.get $next_v
        f32x4.sqrt
        local.get $rootCorrection_v
        f32x4.mul
        local.get $epsilon_v
        f32x4.add
        local.tee $t28
        f32x4.div
        local.get $t28
        local.get $f32.0
        f32x4.eq
        v128.andnot
        f32x4.mul
        f32x4.sub
        v128.store32_lane align=4 0
        local.get $param
        i32.const 4
        i32.add
        local.set $param
        local.get $grad
        i32.const 4
        i32.add
        local.set $grad
        local.get $m
        i32.const 4
        i32.add
        local.set $m
        local.get $v
        i32.const 4
        i32.add
        local.set $v
        local.get $out
        i32.const 4
        i32.add
        local.set $out
        local.get $n
        i32.const 1
        i32.sub
        local.tee $n
        i32.const 1
        i32.ge_u
        br_if 0
      end
    end
  )
)
