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
    (param $gamma f32)
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
    (local $t36 v128)
    (local $gamma_v v128)
    (local $t50 v128)
    (local $f64.1 v128)
    (local $i64.2638147582215219 v128)
    (local $i64.4841369599423283200 v128)
    (local $f64.4503599627371519 v128)
    (local $i64.4503599627370495 v128)
    (local $i64.4604544271217802189 v128)
    (local $f64.2.88539008179008 v128)
    (local $f64.0.9617966733500601 v128)
    (local $f64.0.5770835832694419 v128)
    (local $f64.0.4116728268951442 v128)
    (local $f64.0.3407280082596891 v128)
    (local $f64.300 v128)
    (local $f64.-300 v128)
    (local $f64.6755399441055744 v128)
    (local $i64.4607182418800017408 v128)
    (local $f64.0.6931471807040122 v128)
    (local $f64.0.24022651065990597 v128)
    (local $f64.0.05550410366757948 v128)
    (local $f64.0.009618038199470077 v128)
    (local $f64.0.0013333934786405115 v128)
    (local $f64.0.00015466737956212727 v128)
    (local $f64.0.000015196171345116001 v128)
    (local $t120 v128)
    (local $f32.0 v128)
    (local $t169 v128)
    (local $t172 v128)
    (local $grad_v v128)
    (local $next_m v128)
    (local $t28 v128)
    (local $t31 v128)
    (local $t33 v128)
    (local $t34 v128)
    (local $t18 v128)
    (local $next_s v128)
    (local $t38 v128)
    (local $t42 v128)
    (local $t43 v128)
    (local $t49 v128)
    (local $t54 v128)
    (local $t63 v128)
    (local $t66 v128)
    (local $t67 v128)
    (local $t87 v128)
    (local $t89 v128)
    (local $t91 v128)
    (local $t122 v128)
    (local $t127 v128)
    (local $t130 v128)
    (local $t131 v128)
    (local $t144 v128)
    (local $t145 v128)
    (local $t147 v128)
    (local $t180 v128)
    (local $t183 v128)
    (local $t185 v128)
    (local $t190 v128)
    (local $t193 v128)
    (local $t194 v128)
    (local $t207 v128)
    (local $t208 v128)
    (local $t210 v128)
    (local $t231 v128)
    (local $t236 v128)
    (local $t239 v128)
    (local $t240 v128)
    (local $t253 v128)
    (local $t254 v128)
    (local $t256 v128)
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
    local.set $t36
    local.get $gamma
    f32x4.splat
    local.tee $gamma_v
    f64x2.promote_low_f32x4
    local.set $t50
    f64.const 1
    f64x2.splat
    local.set $f64.1
    i64.const 2638147582215219
    i64x2.splat
    local.set $i64.2638147582215219
    i64.const 4841369599423283200
    i64x2.splat
    local.set $i64.4841369599423283200
    f64.const 4503599627371519
    f64x2.splat
    local.set $f64.4503599627371519
    i64.const 4503599627370495
    i64x2.splat
    local.set $i64.4503599627370495
    i64.const 4604544271217802189
    i64x2.splat
    local.set $i64.4604544271217802189
    f64.const 2.88539008179008
    f64x2.splat
    local.set $f64.2.88539008179008
    f64.const 0.9617966733500601
    f64x2.splat
    local.set $f64.0.9617966733500601
    f64.const 0.5770835832694419
    f64x2.splat
    local.set $f64.0.5770835832694419
    f64.const 0.4116728268951442
    f64x2.splat
    local.set $f64.0.4116728268951442
    f64.const 0.3407280082596891
    f64x2.splat
    local.set $f64.0.3407280082596891
    f64.const 300
    f64x2.splat
    local.set $f64.300
    f64.const -300
    f64x2.splat
    local.set $f64.-300
    f64.const 6755399441055744
    f64x2.splat
    local.set $f64.6755399441055744
    i64.const 4607182418800017408
    i64x2.splat
    local.set $i64.4607182418800017408
    f64.const 0.6931471807040122
    f64x2.splat
    local.set $f64.0.6931471807040122
    f64.const 0.24022651065990597
    f64x2.splat
    local.set $f64.0.24022651065990597
    f64.const 0.05550410366757948
    f64x2.splat
    local.set $f64.0.05550410366757948
    f64.const 0.009618038199470077
    f64x2.splat
    local.set $f64.0.009618038199470077
    f64.const 0.0013333934786405115
    f64x2.splat
    local.set $f64.0.0013333934786405115
    f64.const 0.00015466737956212727
    f64x2.splat
    local.set $f64.0.00015466737956212727
    f64.const 0.000015196171345116001
    f64x2.splat
    local.set $f64.0.000015196171345116001
    local.get $gamma_v
    local.get $gamma_v
    i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
    f64x2.promote_low_f32x4
    local.set $t120
    local.get $gamma_v
    f32.const 0
    f32x4.splat
    local.tee $f32.0
    f32x4.eq
    local.set $t169
    local.get $gamma_v
    local.get $f32.0
    f32x4.lt
    local.set $t172
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
            local.tee $t28
            f32x4.sub
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.get $f32.-3.4028234663852886e+38
            f32x4.pmax
            local.tee $t31
            local.get $t31
            f32x4.mul
            local.tee $t33
            f32x4.lt
            local.tee $t34
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
            local.tee $t18
            f32x4.mul
            local.get $t18
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
            local.get $t28
            local.get $f64.0.000015196171345116001
            local.get $t50
            local.get $next_s
            local.get $f32.1
            local.get $t34
            local.get $t36
            v128.and
            v128.xor
            local.tee $t38
            f32x4.mul
            local.get $t38
            f32x4.mul
            local.get $varianceCorrection_v
            f32x4.mul
            local.get $f32.3.4028234663852886e+38
            f32x4.pmin
            local.tee $t42
            local.get $t42
            local.get $t31
            local.get $t38
            f32x4.mul
            local.tee $t43
            local.get $t43
            f32x4.mul
            f32x4.add
            local.get $epsilon_v
            local.get $t38
            f32x4.mul
            local.get $t38
            f32x4.mul
            f32x4.add
            f32x4.div
            local.tee $t49
            f64x2.promote_low_f32x4
            local.get $i64.2638147582215219
            i64x2.add
            local.tee $t54
            i32.const 52
            i64x2.shr_u
            local.get $i64.4841369599423283200
            v128.or
            local.get $f64.4503599627371519
            f64x2.sub
            local.get $t54
            local.get $i64.4503599627370495
            v128.and
            local.get $i64.4604544271217802189
            i64x2.add
            local.tee $t63
            local.get $f64.1
            f64x2.sub
            local.get $t63
            local.get $f64.1
            f64x2.add
            f64x2.div
            local.tee $t66
            local.get $f64.0.3407280082596891
            local.get $t66
            local.get $t66
            f64x2.mul
            local.tee $t67
            f64x2.mul
            local.get $f64.0.4116728268951442
            f64x2.add
            local.get $t67
            f64x2.mul
            local.get $f64.0.5770835832694419
            f64x2.add
            local.get $t67
            f64x2.mul
            local.get $f64.0.9617966733500601
            f64x2.add
            local.get $t67
            f64x2.mul
            local.get $f64.2.88539008179008
            f64x2.add
            f64x2.mul
            f64x2.add
            f64x2.mul
            local.get $f64.300
            f64x2.pmin
            local.get $f64.-300
            f64x2.pmax
            local.tee $t87
            local.get $t87
            local.get $f64.6755399441055744
            f64x2.add
            local.tee $t89
            local.get $f64.6755399441055744
            f64x2.sub
            f64x2.sub
            local.tee $t91
            f64x2.mul
            local.get $f64.0.00015466737956212727
            f64x2.add
            local.get $t91
            f64x2.mul
            local.get $f64.0.0013333934786405115
            f64x2.add
            local.get $t91
            f64x2.mul
            local.get $f64.0.009618038199470077
            f64x2.add
            local.get $t91
            f64x2.mul
            local.get $f64.0.05550410366757948
            f64x2.add
            local.get $t91
            f64x2.mul
            local.get $f64.0.24022651065990597
            f64x2.add
            local.get $t91
            f64x2.mul
            local.get $f64.0.6931471807040122
            f64x2.add
            local.get $t91
            f64x2.mul
            local.get $f64.1
            f64x2.add
            local.get $t89
            i32.const 52
            i64x2.shl
            local.get $i64.4607182418800017408
            i64x2.add
            f64x2.mul
            f32x4.demote_f64x2_zero
            local.get $f64.0.000015196171345116001
            local.get $t120
            local.get $t49
            local.get $t49
            i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
            f64x2.promote_low_f32x4
            local.get $i64.2638147582215219
            i64x2.add
            local.tee $t122
            i32.const 52
            i64x2.shr_u
            local.get $i64.4841369599423283200
            v128.or
            local.get $f64.4503599627371519
            f64x2.sub
            local.get $t122
            local.get $i64.4503599627370495
            v128.and
            local.get $i64.4604544271217802189
            i64x2.add
            local.tee $t127
            local.get $f64.1
            f64x2.sub
            local.get $t127
            local.get $f64.1
            f64x2.add
            f64x2.div
            local.tee $t130
            local.get $f64.0.3407280082596891
            local.get $t130
            local.get $t130
            f64x2.mul
            local.tee $t131
            f64x2.mul
            local.get $f64.0.4116728268951442
            f64x2.add
            local.get $t131
            f64x2.mul
            local.get $f64.0.5770835832694419
            f64x2.add
            local.get $t131
            f64x2.mul
            local.get $f64.0.9617966733500601
            f64x2.add
            local.get $t131
            f64x2.mul
            local.get $f64.2.88539008179008
            f64x2.add
            f64x2.mul
            f64x2.add
            f64x2.mul
            local.get $f64.300
            f64x2.pmin
            local.get $f64.-300
            f64x2.pmax
            local.tee $t144
            local.get $t144
            local.get $f64.6755399441055744
            f64x2.add
            local.tee $t145
            local.get $f64.6755399441055744
            f64x2.sub
            f64x2.sub
            local.tee $t147
            f64x2.mul
            local.get $f64.0.00015466737956212727
            f64x2.add
            local.get $t147
            f64x2.mul
            local.get $f64.0.0013333934786405115
            f64x2.add
            local.get $t147
            f64x2.mul
            local.get $f64.0.009618038199470077
            f64x2.add
            local.get $t147
            f64x2.mul
            local.get $f64.0.05550410366757948
            f64x2.add
            local.get $t147
            f64x2.mul
            local.get $f64.0.24022651065990597
            f64x2.add
            local.get $t147
            f64x2.mul
            local.get $f64.0.6931471807040122
            f64x2.add
            local.get $t147
            f64x2.mul
            local.get $f64.1
            f64x2.add
            local.get $t145
            i32.const 52
            i64x2.shl
            local.get $i64.4607182418800017408
            i64x2.add
            f64x2.mul
            f32x4.demote_f64x2_zero
            i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
            local.get $f32.1
            local.get $t49
            f32x4.div
            local.get $t49
            local.get $t172
            v128.bitselect
            local.get $t49
            local.get $t49
            local.get $t49
            f32x4.add
            f32x4.lt
            local.get $t169
            v128.or
            v128.bitselect
            local.get $t31
            f32x4.mul
            f32x4.add
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
          local.tee $t18
          f32x4.mul
          local.get $t18
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
          local.get $t28
          local.get $f64.0.000015196171345116001
          local.get $t50
          local.get $next_s
          local.get $varianceCorrection_v
          f32x4.mul
          local.get $f32.3.4028234663852886e+38
          f32x4.pmin
          local.tee $t180
          local.get $t180
          local.get $t33
          f32x4.add
          local.get $epsilon_v
          f32x4.add
          f32x4.div
          local.tee $t183
          f64x2.promote_low_f32x4
          local.get $i64.2638147582215219
          i64x2.add
          local.tee $t185
          i32.const 52
          i64x2.shr_u
          local.get $i64.4841369599423283200
          v128.or
          local.get $f64.4503599627371519
          f64x2.sub
          local.get $t185
          local.get $i64.4503599627370495
          v128.and
          local.get $i64.4604544271217802189
          i64x2.add
          local.tee $t190
          local.get $f64.1
          f64x2.sub
          local.get $t190
          local.get $f64.1
          f64x2.add
          f64x2.div
          local.tee $t193
          local.get $f64.0.3407280082596891
          local.get $t193
          local.get $t193
          f64x2.mul
          local.tee $t194
          f64x2.mul
          local.get $f64.0.4116728268951442
          f64x2.add
          local.get $t194
          f64x2.mul
          local.get $f64.0.5770835832694419
          f64x2.add
          local.get $t194
          f64x2.mul
          local.get $f64.0.9617966733500601
          f64x2.add
          local.get $t194
          f64x2.mul
          local.get $f64.2.88539008179008
          f64x2.add
          f64x2.mul
          f64x2.add
          f64x2.mul
          local.get $f64.300
          f64x2.pmin
          local.get $f64.-300
          f64x2.pmax
          local.tee $t207
          local.get $t207
          local.get $f64.6755399441055744
          f64x2.add
          local.tee $t208
          local.get $f64.6755399441055744
          f64x2.sub
          f64x2.sub
          local.tee $t210
          f64x2.mul
          local.get $f64.0.00015466737956212727
          f64x2.add
          local.get $t210
          f64x2.mul
          local.get $f64.0.0013333934786405115
          f64x2.add
          local.get $t210
          f64x2.mul
          local.get $f64.0.009618038199470077
          f64x2.add
          local.get $t210
          f64x2.mul
          local.get $f64.0.05550410366757948
          f64x2.add
          local.get $t210
          f64x2.mul
          local.get $f64.0.24022651065990597
          f64x2.add
          local.get $t210
          f64x2.mul
          local.get $f64.0.6931471807040122
          f64x2.add
          local.get $t210
          f64x2.mul
          local.get $f64.1
          f64x2.add
          local.get $t208
          i32.const 52
          i64x2.shl
          local.get $i64.4607182418800017408
          i64x2.add
          f64x2.mul
          f32x4.demote_f64x2_zero
          local.get $f64.0.000015196171345116001
          local.get $t120
          local.get $t183
          local.get $t183
          i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
          f64x2.promote_low_f32x4
          local.get $i64.2638147582215219
          i64x2.add
          local.tee $t231
          i32.const 52
          i64x2.shr_u
          local.get $i64.4841369599423283200
          v128.or
          local.get $f64.4503599627371519
          f64x2.sub
          local.get $t231
          local.get $i64.4503599627370495
          v128.and
          local.get $i64.4604544271217802189
          i64x2.add
          local.tee $t236
          local.get $f64.1
          f64x2.sub
          local.get $t236
          local.get $f64.1
          f64x2.add
          f64x2.div
          local.tee $t239
          local.get $f64.0.3407280082596891
          local.get $t239
          local.get $t239
          f64x2.mul
          local.tee $t240
          f64x2.mul
          local.get $f64.0.4116728268951442
          f64x2.add
          local.get $t240
          f64x2.mul
          local.get $f64.0.5770835832694419
          f64x2.add
          local.get $t240
          f64x2.mul
          local.get $f64.0.9617966733500601
          f64x2.add
          local.get $t240
          f64x2.mul
          local.get $f64.2.88539008179008
          f64x2.add
          f64x2.mul
          f64x2.add
          f64x2.mul
          local.get $f64.300
          f64x2.pmin
          local.get $f64.-300
          f64x2.pmax
          local.tee $t253
          local.get $t253
          local.get $f64.6755399441055744
          f64x2.add
          local.tee $t254
          local.get $f64.6755399441055744
          f64x2.sub
          f64x2.sub
          local.tee $t256
          f64x2.mul
          local.get $f64.0.00015466737956212727
          f64x2.add
          local.get $t256
          f64x2.mul
          local.get $f64.0.0013333934786405115
          f64x2.add
          local.get $t256
          f64x2.mul
          local.get $f64.0.009618038199470077
          f64x2.add
          local.get $t256
          f64x2.mul
          local.get $f64.0.05550410366757948
          f64x2.add
          local.get $t256
          f64x2.mul
          local.get $f64.0.24022651065990597
          f64x2.add
          local.get $t256
          f64x2.mul
          local.get $f64.0.6931471807040122
          f64x2.add
          local.get $t256
          f64x2.mul
          local.get $f64.1
          f64x2.add
          local.get $t254
          i32.const 52
          i64x2.shl
          local.get $i64.4607182418800017408
          i64x2.add
          f64x2.mul
          f32x4.demote_f64x2_zero
          i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
          local.get $f32.1
          local.get $t183
          f32x4.div
          local.get $t183
          local.get $t172
          v128.bitselect
          local.get $t183
          local.get $t183
          local.get $t183
          f32x4.add
          f32x4.lt
          local.get $t169
          v128.or
          v128.bitselect
          local.get $t31
          f32x4.mul
          f32x4.add
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
        local.tee $t18
        f32x4.mul
        local.get $t18
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
        local.get $next_m
        local.get $meanCorrection_v
        f32x4.mul
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t28
        local.get $f64.0.000015196171345116001
        local.get $t50
        local.get $next_s
        local.get $f32.1
        local.get $f32.1.2676506002282294e+30
        local.get $grad_v
        local.get $t28
        f32x4.sub
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.get $f32.-3.4028234663852886e+38
        f32x4.pmax
        local.tee $t31
        local.get $t31
        f32x4.mul
        f32x4.lt
        local.get $t36
        v128.and
        v128.xor
        local.tee $t38
        f32x4.mul
        local.get $t38
        f32x4.mul
        local.get $varianceCorrection_v
        f32x4.mul
        local.get $f32.3.4028234663852886e+38
        f32x4.pmin
        local.tee $t42
        local.get $t42
        local.get $t31
        local.get $t38
        f32x4.mul
        local.tee $t43
        local.get $t43
        f32x4.mul
        f32x4.add
        local.get $epsilon_v
        local.get $t38
        f32x4.mul
        local.get $t38
        f32x4.mul
        f32x4.add
        f32x4.div
        local.tee $t49
        f64x2.promote_low_f32x4
        local.get $i64.2638147582215219
        i64x2.add
        local.tee $t54
        i32.const 52
        i64x2.shr_u
        local.get $i64.4841369599423283200
        v128.or
        local.get $f64.4503599627371519
        f64x2.sub
        local.get $t54
        local.get $i64.4503599627370495
        v128.and
        local.get $i64.4604544271217802189
        i64x2.add
        local.tee $t63
        local.get $f64.1
        f64x2.sub
        local.get $t63
        local.get $f64.1
        f64x2.add
        f64x2.div
        local.tee $t66
        local.get $f64.0.3407280082596891
        local.get $t66
        local.get $t66
        f64x2.mul
        local.tee $t67
        f64x2.mul
        local.get $f64.0.4116728268951442
        f64x2.add
        local.get $t67
        f64x2.mul
        local.get $f64.0.5770835832694419
        f64x2.add
        local.get $t67
        f64x2.mul
        local.get $f64.0.9617966733500601
        f64x2.add
        local.get $t67
        f64x2.mul
        local.get $f64.2.88539008179008
        f64x2.add
        f64x2.mul
        f64x2.add
        f64x2.mul
        local.get $f64.300
        f64x2.pmin
        local.get $f64.-300
        f64x2.pmax
        local.tee $t87
        local.get $t87
        local.get $f64.6755399441055744
        f64x2.add
        local.tee $t89
        local.get $f64.6755399441055744
        f64x2.sub
        f64x2.sub
        local.tee $t91
        f64x2.mul
        local.get $f64.0.00015466737956212727
        f64x2.add
        local.get $t91
        f64x2.mul
        local.get $f64.0.0013333934786405115
        f64x2.add
        local.get $t91
        f64x2.mul
        local.get $f64.0.009618038199470077
        f64x2.add
        local.get $t91
        f64x2.mul
        local.get $f64.0.05550410366757948
        f64x2.add
        local.get $t91
        f64x2.mul
        local.get $f64.0.24022651065990597
        f64x2.add
        local.get $t91
        f64x2.mul
        local.get $f64.0.6931471807040122
        f64x2.add
        local.get $t91
        f64x2.mul
        local.get $f64.1
        f64x2.add
        local.get $t89
        i32.const 52
        i64x2.shl
        local.get $i64.4607182418800017408
        i64x2.add
        f64x2.mul
        f32x4.demote_f64x2_zero
        local.get $f64.0.000015196171345116001
        local.get $t120
        local.get $t49
        local.get $t49
        i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
        f64x2.promote_low_f32x4
        local.get $i64.2638147582215219
        i64x2.add
        local.tee $t122
        i32.const 52
        i64x2.shr_u
        local.get $i64.4841369599423283200
        v128.or
        local.get $f64.4503599627371519
        f64x2.sub
        local.get $t122
        local.get $i64.4503599627370495
        v128.and
        local.get $i64.4604544271217802189
        i64x2.add
        local.tee $t127
        local.get $f64.1
        f64x2.sub
        local.get $t127
        local.get $f64.1
        f64x2.add
        f64x2.div
        local.tee $t130
        local.get $f64.0.3407280082596891
        local.get $t130
        local.get $t130
        f64x2.mul
        local.tee $t131
        f64x2.mul
        local.get $f64.0.4116728268951442
        f64x2.add
        local.get $t131
        f64x2.mul
        local.get $f64.0.5770835832694419
        f64x2.add
        local.get $t131
        f64x2.mul
        local.get $f64.0.9617966733500601
        f64x2.add
        local.get $t131
        f64x2.mul
        local.get $f64.2.88539008179008
        f64x2.add
        f64x2.mul
        f64x2.add
        f64x2.mul
        local.get $f64.300
        f64x2.pmin
        local.get $f64.-300
        f64x2.pmax
        local.tee $t144
        local.get $t144
        local.get $f64.6755399441055744
        f64x2.add
        local.tee $t145
        local.get $f64.6755399441055744
        f64x2.sub
        f64x2.sub
        local.tee $t147
        f64x2.mul
        local.get $f64.0.00015466737956212727
        f64x2.add
        local.get $t147
        f64x2.mul
        local.get $f64.0.0013333934786405115
        f64x2.add
        local.get $t147
        f64x2.mul
        local.get $f64.0.009618038199470077
        f64x2.add
        local.get $t147
        f64x2.mul
        local.get $f64.0.05550410366757948
        f64x2.add
        local.get $t147
        f64x2.mul
        local.get $f64.0.24022651065990597
        f64x2.add
        local.get $t147
        f64x2.mul
        local.get $f64.0.6931471807040122
        f64x2.add
        local.get $t147
        f64x2.mul
        local.get $f64.1
        f64x2.add
        local.get $t145
        i32.const 52
        i64x2.shl
        local.get $i64.4607182418800017408
        i64x2.add
        f64x2.mul
        f32x4.demote_f64x2_zero
        i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
        local.get $f32.1
        local.get $t49
        f32x4.div
        local.get $t49
        local.get $t172
        v128.bitselect
        local.get $t49
        local.get $t49
        local.get $t49
        f32x4.add
        f32x4.lt
        local.get $t169
        v128.or
        v128.bitselect
        local.get $t31
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
