(module
  (import "env" "memory" (memory 0))
  (func $momentum (export "momentum")
    (param $n i32)
    (param $param i32)
    (param $grad i32)
    (param $velocity i32)
    (param $out i32)
    (param $learningRate f32)
    (param $shrink f32)
    (param $momentum f32)
    (local $learningRate_v v128)
    (local $shrink_v v128)
    (local $momentum_v v128)
    (local $grad_v v128)
    (local $next_velocity v128)
    local.get $learningRate
    f32x4.splat
    local.set $learningRate_v
    local.get $shrink
    f32x4.splat
    local.set $shrink_v
    local.get $momentum
    f32x4.splat
    local.set $momentum_v
    block
      local.get $n
      i32.const 4
      i32.lt_u
      br_if 0
      loop
        local.get $velocity
        local.get $momentum_v
        local.get $velocity
        v128.load align=4
        f32x4.mul
        local.get $grad
        v128.load align=4
        local.tee $grad_v
        f32x4.add
        local.tee $next_velocity
        v128.store align=4
        local.get $out
        local.get $param
        v128.load align=4
        local.get $shrink_v
        f32x4.mul
        local.get $learningRate_v
        local.get $grad_v
        local.get $momentum_v
        local.get $next_velocity
        f32x4.mul
        f32x4.add
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
        local.get $velocity
        local.get $momentum_v
        local.get $velocity
        v128.load32_zero align=4
        f32x4.mul
        local.get $grad
        v128.load32_zero align=4
        local.tee $grad_v
        f32x4.add
        local.tee $next_velocity
        v128.store32_lane align=4 0
        local.get $out
        local.get $param
        v128.load32_zero align=4
        local.get $shrink_v
        f32x4.mul
        local.get $learningRate_v
        local.get $grad_v
        local.get $momentum_v
        local.get $next_velocity
        f32x4.mul
        f32x4.add
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
