/** Builds the image, tagged with the git commit, unless its repository has that tag already. See ecsBuildImage.txt. */
Map call(Object... given) {
    return ecsBg.image('build-image', ecsBg.named('ecsBuildImage', given))
}
