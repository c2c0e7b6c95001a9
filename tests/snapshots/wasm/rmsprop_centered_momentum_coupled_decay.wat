(module
  (import "env" "memory" (memory 0))
  (func $rmsprop (export "rmsprop")
    (param $n i32)
    (param $param i32)
    (param $grad i32)
    (param $m i32)
    (param $s i32)
    (param $velocity i32)
    (param $out i32)
    (param $learningRate f32)
    (param $weightDecay f32)
    (param $alpha f32)
    (param $oneMinusAlpha f32)
    (param $spread f32)
    (param $epsilon f32)
    (param $momentum f32)
    (local $learningRate_v v128)
    (local $weightDecay_v v128)
    (local $alpha_v v128)
    (local $oneMinusAlpha_v v128)
    (local $spread_v v128)
    (local $epsilon_v v128)
    (local $momentum_v v128)
    (local $f32.3.4028234663852886e+38 v128)
    (local $f32.-3.4028234663852886e+38 v128)
    (local $m_v v128)
    (local $param_v v128)
    (local $t15 v128)
    (local $t20 v128)
    (local $next_s v128)
    (local $next_velocity v128)
    local.get $learningRate
    f32x4.splat
    local.set $learningRate_v
    local.get $weightDecay
    f32x4.splat
    local.set $weightDecay_v
    local.get $alpha
    f32x4.splat
    local.set $alpha_v
    local.get $oneMinusAlpha
    f32x4.splat
    local.set $oneMinusAlpha_v
    local.get $spread
    f32x4.splat
    local.set $spread_v
    local.get $epsilon
    f32x4.splat
    local.set $epsilon_v
    local.get $momentum
    f32x4.splat
    local.set $momentum_v
    f32.const 3.4028234663852886e+38
    f32x4.splat
    local.set $f32.3.4028234663852886e+38
    f32.const -3.4028234663852886e+38
    f32x4.splat
    local.set $f32.-3.4028234663852886e+38
    block
      local.get $n
      i32.const 4
      i32.lt_u
      br_if 0
      loop
        local.get $m
        local.get $alpha_v
        local.get $m
        v128.load align=4
        local.tee $m_v
        f32x4.mul
        local.get $oneMinusAlpha_v
        local.get $grad
        v128.load align=4
        local.get $weightDecay_v
        local.get $param
        v128.load align=4
        local.tee $param_v
        f32x4.mul
        f32x4.add
        local.tee $t15
        f32x4.mul
        f32x4.add
        v128.store align=4
        local.get $s
        local.get $alpha_v
        local.get $s
        v128.load align=4
        f32x4.mul
        local.get $spread_v
        local.get $t15
        local.get $m_v
        f32x4.sub
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t20
        f32x4.mul
        local.get $t20
        f32x4.mul
        f32x4.add
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $next_s
        v128.store align=4
        local.get $velocity
        local.get $momentum_v
        local.get $velocity
        v128.load align=4
        f32x4.mul
        local.get $t15
        local.get $next_s
        f32x4.sqrt
        local.get $epsilon_v
        f32x4.add
        f32x4.div
        f32x4.add
        local.tee $next_velocity
        v128.store align=4
        local.get $out
        local.get $param_v
        local.get $learningRate_v
        local.get $next_velocity
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
        local.get $s
        i32.const 16
        i32.add
        local.set $s
        local.get $velocity
        i32.const 16
        i32.add
        local.set $velocity
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
        local.get $alpha_v
        local.get $m
        v128.load32_zero align=4
        local.tee $m_v
        f32x4.mul
        local.get $oneMinusAlpha_v
        local.get $grad
        v128.load32_zero align=4
        local.get $weightDecay_v
        local.get $param
        v128.load32_zero align=4
        local.tee $param_v
        f32x4.mul
        f32x4.add
        local.tee $t15
        f32x4.mul
        f32x4.add
        v128.store32_lane align=4 0
        local.get $s
        local.get $alpha_v
        local.get $s
        v128.load32_zero align=4
        f32x4.mul
        local.get $spread_v
        local.get $t15
        local.get $m_v
        f32x4.sub
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t20
        f32x4.mul
        local.get $t20
        f32x4.mul
        f32x4.add
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $next_s
        v128.store32_lane align=4 0
        local.get $velocity
        local.get $momentum_v
        local.get $velocity
        v128.load32_zero align=4
        f32x4.mul
        local.get $t15
        local.get $next_s
        f32x4.sqrt
        local.get $epsilon_v
        f32x4.add
        f32x4.div
        f32x4.add
        local.tee $next_velocity
        v128.store32_lane align=4 0
        local.get $out
        local.get $param_v
        local.get $learningRate_v
        local.get $next_velocity
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
        local.get $velocity
        i32.const 4
        i32.add
        local.set $velocity
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
