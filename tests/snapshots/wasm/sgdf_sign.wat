(module
  (import "env" "memory" (memory 0))
  (func $sgdf (export "sgdf")
    (param $n i32)
    (param $param i32)
    (param $grad i32)
    (param $m i32)
    (param $s i32)
    (param $out i32)
    (param $learningRate f32)
    (param $beta1 f32)
    (param $oneMinusBeta1 f32)
    (param $beta2 f32)
    (param $oneMinusBeta2 f32)
    (param $meanCorrection f32)
    (param $varianceCorrection f32)
    (param $epsilon f32)
    (local $f32.0 v128)
    (local $f32.1 v128)
    (local $learningRate_v v128)
    (local $beta1_v v128)
    (local $oneMinusBeta1_v v128)
    (local $beta2_v v128)
    (local $oneMinusBeta2_v v128)
    (local $meanCorrection_v v128)
    (local $varianceCorrection_v v128)
    (local $epsilon_v v128)
    (local $f32.3.4028234663852886e+38 v128)
    (local $f32.-3.4028234663852886e+38 v128)
    (local $f32.1.2676506002282294e+30 v128)
    (local $t35 v128)
    (local $f32.-1 v128)
    (local $grad_v v128)
    (local $next_m v128)
    (local $t27 v128)
    (local $t30 v128)
    (local $t32 v128)
    (local $t33 v128)
    (local $t17 v128)
    (local $next_s v128)
    (local $t37 v128)
    (local $t41 v128)
    (local $t42 v128)
    (local $t51 v128)
    (local $t60 v128)
    (local $t66 v128)
    f32.const 0
    f32x4.splat
    local.set $f32.0
    f32.const 1
    f32x4.splat
    local.set $f32.1
    local.get $learningRate
    f32x4.splat
    local.set $learningRate_v
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
    local.get $meanCorrection
    f32x4.splat
    local.set $meanCorrection_v
    local.get $varianceCorrection
    f32x4.splat
    local.set $varianceCorrection_v
    local.get $epsilon
    f32x4.splat
    local.set $epsilon_v
    f32.const 3.4028234663852886e+38
    f32x4.splat
    local.set $f32.3.4028234663852886e+38
    f32.const -3.4028234663852886e+38
    f32x4.splat
    local.set $f32.-3.4028234663852886e+38
    f32.const 1.2676506002282294e+30
    f32x4.splat
    local.set $f32.1.2676506002282294e+30
    f32.const 1.3552527156068805e-20
    f32x4.splat
    local.get $f32.1
    v128.xor
    local.set $t35
    f32.const -1
    f32x4.splat
    local.set $f32.-1
    block
      local.get $n
      i32.const 4
      i32.lt_u
      br_if 0
      loop
        block
          block
            local.get $f32.1.2676506002282294e+30
            local.get $grad
            v128.load align=4
            local.tee $grad_v
            local.get $beta1_v
            local.get $m
            v128.load align=4
            f32x4.mul
            local.get $oneMinusBeta1_v
            local.get $grad_v
            f32x4.mul
            f32x4.add
            local.tee $next_m
            local.get $meanCorrection_v
            f32x4.mul
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.get $f32.-3.4028234663852886e+38
            f32x4.pmax
            local.tee $t27
            f32x4.sub
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.get $f32.-3.4028234663852886e+38
            f32x4.pmax
            local.tee $t30
            local.get $t30
            f32x4.mul
            local.tee $t32
            f32x4.lt
            local.tee $t33
            v128.any_true
            i32.eqz
            br_if 0
            local.get $m
            local.get $next_m
            v128.store align=4
            local.get $s
            local.get $beta2_v
            local.get $s
            v128.load align=4
            f32x4.mul
            local.get $oneMinusBeta2_v
            local.get $grad_v
            local.get $next_m
            f32x4.sub
            local.tee $t17
            f32x4.mul
            local.get $t17
            f32x4.mul
            f32x4.add
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.tee $next_s
            v128.store align=4
            local.get $out
            local.get $param
            v128.load align=4
            local.get $learningRate_v
            local.get $f32.-1
            local.get $f32.1
            local.get $t27
            local.get $next_s
            local.get $f32.1
            local.get $t33
            local.get $t35
            v128.and
            v128.xor
            local.tee $t37
            f32x4.mul
            local.get $t37
            f32x4.mul
            local.get $varianceCorrection_v
            f32x4.mul
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.tee $t41
            local.get $t41
            local.get $t30
            local.get $t37
            f32x4.mul
            local.tee $t42
            local.get $t42
            f32x4.mul
            f32x4.add
            local.get $epsilon_v
            local.get $t37
            f32x4.mul
            local.get $t37
            f32x4.mul
            f32x4.add
            f32x4.div
            f32x4.sqrt
            local.get $t30
            f32x4.mul
            f32x4.add
            local.tee $t51
            local.get $f32.0
            local.get $t51
            f32x4.lt
            v128.bitselect
            local.get $t51
            local.get $f32.0
            f32x4.lt
            v128.bitselect
            f32x4.mul
            f32x4.sub
            v128.store align=4
            br 1
          end
          local.get $m
          local.get $next_m
          v128.store align=4
          local.get $s
          local.get $beta2_v
          local.get $s
          v128.load align=4
          f32x4.mul
          local.get $oneMinusBeta2_v
          local.get $grad_v
          local.get $next_m
          f32x4.sub
          local.tee $t17
          f32x4.mul
          local.get $t17
          f32x4.mul
          f32x4.add
          local.get $f32.3.4028234663852886e+38
          f32x4.pmin
          local.tee $next_s
          v128.store align=4
          local.get $out
          local.get $param
          v128.load align=4
          local.get $learningRate_v
          local.get $f32.-1
          local.get $f32.1
          local.get $t27
          local.get $next_s
          local.get $varianceCorrection_v
          f32x4.mul
          local.get $f32.3.4028234663852886e+38
          f32x4.pmin
          local.tee $t60
          local.get $t60
          local.get $t32
          f32x4.add
          local.get $epsilon_v
          f32x4.add
          f32x4.div
          f32x4.sqrt
          local.get $t30
          f32x4.mul
          f32x4.add
          local.tee $t66
          local.get $f32.0
          local.get $t66
          f32x4.lt
          v128.bitselect
          local.get $t66
          local.get $f32.0
          f32x4.lt
          v128.bitselect
          f32x4.mul
          f32x4.sub
          v128.store align=4
        end
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
        local.get $s
        i32.const 16
        i32.add
        local.set $s
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
        local.get $s
        local.get $beta2_v
        local.get $s
        v128.load32_zero align=4
        f32x4.mul
        local.get $oneMinusBeta2_v
        local.get $grad_v
        local.get $next_m
        f32x4.sub
        local.tee $t17
        f32x4.mul
        local.get $t17
        f32x4.mul
        f32x4.add
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $next_s
        v128.store32_lane align=4 0
        local.get $out
        local.get $param
        v128.load32_zero align=4
        local.get $learningRate_v
        local.get $f32.-1
        local.get $f32.1
        local.get $next_m
        local.get $meanCorrection_v
        f32x4.mul
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t27
        local.get $next_s
        local.get $f32.1
        local.get $f32.1.2676506002282294e+30
        local.get $grad_v
        local.get $t27
        f32x4.sub
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t30
        local.get $t30
        f32x4.mul
        f32x4.lt
        local.get $t35
        v128.and
        v128.xor
        local.tee $t37
        f32x4.mul
        local.get $t37
        f32x4.mul
        local.get $varianceCorrection_v
        f32x4.mul
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $t41
        local.get $t41
        local.get $t30
        local.get $t37
        f32x4.mul
        local.tee $t42
        local.get $t42
        f32x4.mul
        f32x4.add
        local.get $epsilon_v
        local.get $t37
        f32x4.mul
        local.get $t37
        f32x4.mul
        f32x4.add
        f32x4.div
        f32x4.sqrt
        local.get $t30
        f32x4.mul
        f32x4.add
        local.tee $t51
        local.get $f32.0
        local.get $t51
        f32x4.lt
        v128.bitselect
        local.get $t51
        local.get $f32.0
        f32x4.lt
        v128.bitselect
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
        local.get $s
        i32.const 4
        i32.add
        local.set $s
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
