/** Waits until this deployment's tasks are steady and their targets healthy; ends early, with the reasons, where they cannot become so. See ecsWaitStable.txt. */
Map call(Object... given) {
    return ecsBg('wait-stable', ecsBg.named('ecsWaitStable', given))
}
