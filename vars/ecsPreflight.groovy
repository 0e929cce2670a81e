/** Looks for everything that would stand in a deployment's way, before anything is built. Changes nothing. See ecsPreflight.txt. */
Map call(Object... given) {
    return ecsBg('preflight', ecsBg.named('ecsPreflight', given))
}
