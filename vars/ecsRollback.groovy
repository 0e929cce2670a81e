/** Undoes one deployment: traffic back first, then PRIMARY, then its task set is deleted. See ecsRollback.txt. */
Map call(Map args = [:]) {
    return ecsBg('rollback', args)
}
