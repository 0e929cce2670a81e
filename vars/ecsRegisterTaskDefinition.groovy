/** Registers the task definition; the same content is the same revision again. See ecsRegisterTaskDefinition.txt. */
Map call(Map args = [:]) {
    return ecsBg('register-task-definition', args)
}
