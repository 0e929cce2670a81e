package ecsbg.pipeline;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The sandbox permits this method of `env`, `params`, `currentBuild` or `scm`: Jenkins does so by annotations of its own, not by the list. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Permitted {}
