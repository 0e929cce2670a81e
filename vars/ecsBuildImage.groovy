/** Builds the image, tagged with the git commit, unless its repository has that tag already. See ecsBuildImage.txt. */
Map call(Map args = [:]) {
    return ecsBg.image('build-image', args)
}
