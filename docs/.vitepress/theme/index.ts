import theme from 'vitepress/theme';
import './wide.css';

/** The default theme, with room for tables. */
export default theme;
