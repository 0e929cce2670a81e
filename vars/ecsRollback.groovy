/** Undoes one deployment: traffic back first, then PRIMARY, then its task set is deleted. See ecsRollback.txt. */
Map call(Object... given) {
    return ecsBg('rollback', ecsBg.named('ecsRollback', given))
}
