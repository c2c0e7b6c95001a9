(module
  (import "env" "memory" (memory 0))
  (func $adamw (export "adamw")
    (param $n i32)
    (param $param i32)
    (param $grad i32)
    (param $m i32)
    (param $v i32)
    (param $out i32)
    (param $shrink f32)
    (param $beta1 f32)
    (param $oneMinusBeta1 f32)
    (param $beta2 f32)
    (param $oneMinusBeta2 f32)
    (param $rootStep f32)
    (param $rootEpsilon f32)
    (local $shrink_v v128)
    (local $beta1_v v128)
    (local $oneMinusBeta1_v v128)
    (local $beta2_v v128)
    (local $oneMinusBeta2_v v128)
    (local $rootStep_v v128)
    (local $rootEpsilon_v v128)
    (local $f32.3.4028234663852886e+38 v128)
    (local $grad_v v128)
    (local $next_m v128)
    (local $next_v v128)
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
    local.get $rootStep
    f32x4.splat
    local.set $rootStep_v
    local.get $rootEpsilon
    f32x4.splat
    local.set $rootEpsilon_v
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
        local.get $rootStep_v
        local.get $next_m
        local.get $next_v
        f32x4.sqrt
        local.get $rootEpsilon_v
        f32x4.add
        f32x4.div
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
        local.get $rootStep_v
        local.get $next_m
        local.get $next_v
        f32x4.sqrt
        local.get $rootEpsilon_v
        f32x4.add
        f32x4.div
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
