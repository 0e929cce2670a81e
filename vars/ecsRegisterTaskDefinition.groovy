/** Registers the task definition; the same content is the same revision again. See ecsRegisterTaskDefinition.txt. */
Map call(Object... given) {
    return ecsBg('register-task-definition', ecsBg.named('ecsRegisterTaskDefinition', given))
}
