(module
  (import "env" "memory" (memory 0))
  (func $nadam (export "nadam")
    (param $n i32)
    (param $param i32)
    (param $grad i32)
    (param $m i32)
    (param $s i32)
    (param $v i32)
    (param $out i32)
    (param $beta1 f32)
    (param $oneMinusBeta1 f32)
    (param $beta2 f32)
    (param $oneMinusBeta2 f32)
    (param $meanCorrection f32)
    (param $varianceCorrection f32)
    (param $epsilon f32)
    (param $rootStep f32)
    (param $rootEpsilon f32)
    (param $gradShare f32)
    (param $meanShare f32)
    (local $f32.1 v128)
    (local $beta1_v v128)
    (local $oneMinusBeta1_v v128)
    (local $beta2_v v128)
    (local $oneMinusBeta2_v v128)
    (local $meanCorrection_v v128)
    (local $varianceCorrection_v v128)
    (local $epsilon_v v128)
    (local $rootStep_v v128)
    (local $rootEpsilon_v v128)
    (local $gradShare_v v128)
    (local $meanShare_v v128)
    (local $f32.3.4028234663852886e+38 v128)
    (local $f32.-3.4028234663852886e+38 v128)
    (local $f32.1.2676506002282294e+30 v128)
    (local $t39 v128)
    (local $grad_v v128)
    (local $next_m v128)
    (local $t31 v128)
    (local $t34 v128)
    (local $t36 v128)
    (local $t37 v128)
    (local $t21 v128)
    (local $next_s v128)
    (local $next_v v128)
    (local $t41 v128)
    (local $t45 v128)
    (local $t46 v128)
    (local $t72 v128)
    f32.const 1
    f32x4.splat
    local.set $f32.1
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
    local.get $rootStep
    f32x4.splat
    local.set $rootStep_v
    local.get $rootEpsilon
    f32x4.splat
    local.set $rootEpsilon_v
    local.get $gradShare
    f32x4.splat
    local.set $gradShare_v
    local.get $meanShare
    f32x4.splat
    local.set $meanShare_v
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
    local.set $t39
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
            local.tee $t31
            f32x4.sub
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.get $f32.-3.4028234663852886e+38
            f32x4.pmax
            local.tee $t34
            local.get $t34
            f32x4.mul
            local.tee $t36
            f32x4.lt
            local.tee $t37
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
            local.tee $t21
            f32x4.mul
            local.get $t21
            f32x4.mul
            f32x4.add
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.tee $next_s
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
            local.get $rootStep_v
            local.get $meanShare_v
            local.get $t31
            local.get $next_s
            local.get $f32.1
            local.get $t37
            local.get $t39
            v128.and
            v128.xor
            local.tee $t41
            f32x4.mul
            local.get $t41
            f32x4.mul
            local.get $varianceCorrection_v
            f32x4.mul
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.tee $t45
            local.get $t45
            local.get $t34
            local.get $t41
            f32x4.mul
            local.tee $t46
            local.get $t46
            f32x4.mul
            f32x4.add
            local.get $epsilon_v
            local.get $t41
            f32x4.mul
            local.get $t41
            f32x4.mul
            f32x4.add
            f32x4.div
            f32x4.sqrt
            local.get $t34
            f32x4.mul
            f32x4.add
            f32x4.mul
            local.get $gradShare_v
            local.get $grad_v
            f32x4.mul
            f32x4.add
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.get $f32.-3.4028234663852886e+38
            f32x4.pmax
            local.get $next_v
            f32x4.sqrt
            local.get $rootEpsilon_v
            f32x4.add
            f32x4.div
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
          local.tee $t21
          f32x4.mul
          local.get $t21
          f32x4.mul
          f32x4.add
          local.get $f32.3.4028234663852886e+38
          f32x4.pmin
          local.tee $next_s
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
          local.get $rootStep_v
          local.get $meanShare_v
          local.get $t31
          local.get $next_s
          local.get $varianceCorrection_v
          f32x4.mul
          local.get $f32.3.4028234663852886e+38
          f32x4.pmin
          local.tee $t72
          local.get $t72
          local.get $t36
          f32x4.add
          local.get $epsilon_v
          f32x4.add
          f32x4.div
          f32x4.sqrt
          local.get $t34
          f32x4.mul
          f32x4.add
          f32x4.mul
          local.get $gradShare_v
          local.get $grad_v
          f32x4.mul
          f32x4.add
          local.get $f32.3.4028234663852886e+38
          f32x4.pmin
          local.get $f32.-3.4028234663852886e+38
          f32x4.pmax
          local.get $next_v
          f32x4.sqrt
          local.get $rootEpsilon_v
          f32x4.add
          f32x4.div
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
        local.get $s
        local.get $beta2_v
        local.get $s
        v128.load32_zero align=4
        f32x4.mul
        local.get $oneMinusBeta2_v
        local.get $grad_v
        local.get $next_m
        f32x4.sub
        local.tee $t21
        f32x4.mul
        local.get $t21
        f32x4.mul
        f32x4.add
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $next_s
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
        local.get $rootStep_v
        local.get $meanShare_v
        local.get $next_m
        local.get $meanCorrection_v
        f32x4.mul
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t31
        local.get $next_s
        local.get $f32.1
        local.get $f32.1.2676506002282294e+30
        local.get $grad_v
        local.get $t31
        f32x4.sub
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t34
        local.get $t34
        f32x4.mul
        f32x4.lt
        local.get $t39
        v128.and
        v128.xor
        local.tee $t41
        f32x4.mul
        local.get $t41
        f32x4.mul
        local.get $varianceCorrection_v
        f32x4.mul
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $t45
        local.get $t45
        local.get $t34
        local.get $t41
        f32x4.mul
        local.tee $t46
        local.get $t46
        f32x4.mul
        f32x4.add
        local.get $epsilon_v
        local.get $t41
        f32x4.mul
        local.get $t41
        f32x4.mul
        f32x4.add
        f32x4.div
        f32x4.sqrt
        local.get $t34
        f32x4.mul
        f32x4.add
        f32x4.mul
        local.get $gradShare_v
        local.get $grad_v
        f32x4.mul
        f32x4.add
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
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
        local.get $s
        i32.const 4
        i32.add
        local.set $s
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
