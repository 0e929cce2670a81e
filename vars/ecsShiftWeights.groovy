/** Gives the live listeners the weights that are asked for, in favour of this deployment or away from it. See ecsShiftWeights.txt. */
Map call(Object... given) {
    return ecsBg('shift-weights', ecsBg.named('ecsShiftWeights', given))
}
